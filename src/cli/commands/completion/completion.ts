import {completionScripts, type Shell, shells} from '../../line/complete/completion-scripts.js';
import {parseChoice} from '../../line/parsers.js';
import type {Verb} from '../../verb.js';

interface CompletionInput {
  readonly shell: Shell;
}

export const completion: Verb<CompletionInput> = {
  examples: ['source <(gatectl completion bash)', 'gatectl completion fish | source'],
  declare: (command) => command.argument('<shell>', `one of ${shells.join(', ')}`, parseChoice(shells)),
  run: async ({io}, {shell}) => {
    await io.out.write(completionScripts[shell]);
    return undefined;
  },
};
