/** @file `npm run check`: types, lint and dead code, without running anything. */
import { ensurePackages, runNode } from "./setup.mjs";

ensurePackages();
runNode(["node_modules/typescript/bin/tsc", "-b"]);
runNode(["node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"]);
runNode(["node_modules/knip/bin/knip.js"]);
