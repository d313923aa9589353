import { endProcess } from './exit.ts';
import { runProgram } from './program.ts';
import { processWorld } from './world.ts';

endProcess(runProgram(process.argv.slice(2), processWorld()));
