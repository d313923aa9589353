import { CommanderError, Option, Command as Parser } from 'commander';
import { type Command, type CommandGroup, commands } from './commands.ts';
import { exitCodes, explainError } from './exit.ts';
import { type Flag, type FlagName, flags } from './flags.ts';
import { version } from './version.ts';
import type { World } from './world.ts';

/** Runs the program: arguments without `node` and script. Never rejects; resolves to the exit code. */
export async function runProgram(argv: readonly string[], world: World): Promise<number> {
  let exitCode: number = exitCodes.done;
  const parser = buildParser(world, async (command, args, options) => {
    const action = await command.load();
    exitCode = await action({ args, options }, world);
  });
  try {
    await parser.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
    return explainError(error, world, argv.includes('-v') || argv.includes('--verbose'));
  }
}

type Call = (command: Command, args: readonly string[], options: object) => Promise<void>;

function buildParser(world: World, call: Call): Parser {
  const program = prepare(new Parser('synaudit'), world)
    .description('Find out, across a fleet of Linux servers, why some SYNs get no answer.')
    .usage('<command> [options]')
    .version(version(), '--version', 'print the version')
    .helpCommand('help [command]', 'help for a command')
    .addHelpText('after', generalHelp);
  for (const command of commands) {
    if ('load' in command) program.addCommand(commandParser(command, world, call));
    else program.addCommand(groupParser(command, world, call));
  }
  return program;
}

function groupParser(group: CommandGroup, world: World, call: Call): Parser {
  const parser = prepare(new Parser(group.name), world).description(group.about).usage('<command> [options]');
  for (const command of group.commands) parser.addCommand(commandParser(command, world, call));
  return parser.helpCommand(false);
}

function commandParser(command: Command, world: World, call: Call): Parser {
  const description = [command.about, ...(command.details ?? []).map(paragraph => `\n${paragraph}`)].join('\n');
  const parser = prepare(new Parser(command.name), world).summary(command.about).description(description);
  if (command.args !== undefined) parser.arguments(command.args);
  for (const name of command.flags) parser.addOption(optionOf(name, command.says?.[name]));
  parser.addHelpText(
    'after',
    ['', 'Examples:', ...command.examples.map(example => `  ${example}`), '', command.exits ?? exitHelp].join('\n'),
  );
  return parser.action(() => call(command, parser.args, parser.opts()));
}

/** Errors are thrown, not exited on; stdout gets the help that was asked for, stderr everything else. */
function prepare(parser: Parser, { stdout, stderr }: World): Parser {
  return parser
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(text),
      writeErr: text => stderr.write(text),
      outputError: (text, write) => write(`synaudit: ${text.replace(/^error: /, '')}`),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: false })
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('hint: --help shows what is possible')
    .showSuggestionAfterError();
}

function optionOf(name: FlagName, about: string = flags[name].about): Option {
  const flag: Flag = flags[name];
  const option = new Option(flag.spec, about).helpGroup(`${flag.group}:`);
  if (flag.many)
    option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
  return option;
}

const exitHelp =
  'Exit codes: 0 done · 1 findings · 2 bad input · 3 some host not audited · 4 internal error · 130 interrupted';

const generalHelp = `
Start here:
  synaudit demo                      see it work, without a server
  synaudit audit [user@]host[:port]  one host
  synaudit init                      write inventory.yaml, then: synaudit audit

${exitHelp}`;
