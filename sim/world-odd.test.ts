import { proveWorlds } from "./world-proof.ts";

proveWorlds(1);
