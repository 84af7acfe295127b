import { proveWorlds } from "./line-proof.ts";

proveWorlds(2);
