import { proveWorlds } from "./world-proof.ts";

proveWorlds(2);
