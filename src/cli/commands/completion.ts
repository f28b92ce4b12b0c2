import { Argument } from 'commander';
import { type AddCommand, handler } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { rulesOf } from '../completion/grammar.ts';
import { zshScript } from '../completion/zsh.ts';
import { EXIT } from '../exit-code.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

type Shell = keyof typeof SCRIPTS;

export const completionCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('completion')
    .description('print the script by which a shell completes commands, options, devices, macros and tags')
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      '\nbash: source <(roomd completion bash) in ~/.bashrc\nzsh:  source <(roomd completion zsh) in ~/.zshrc, behind compinit\nfish: roomd completion fish > ~/.config/fish/completions/roomd.fish\nNames are read from the file that --fleet names, fleet.yaml without it.',
    )
    .action(
      handler<object>(finish, async (_options, [shell]) => {
        terminal.out(SCRIPTS[shell as Shell](rulesOf(program)).trimEnd());
        return EXIT.ok;
      }),
    );
};
