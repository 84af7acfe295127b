import { proveWorlds } from "./line-proof.ts";

proveWorlds(1);
