import type { RunInfo } from '../model/run.ts';
import { addResult, emptyBlocks } from './blocks.ts';
import { addAnswer, type ClientAnswers } from './fleet-blocks.ts';
import { countHost, emptyCensus } from './html/census.ts';
import { islandText } from './html/markup.ts';
import { createPacker } from './html/pack.ts';
import { pageEnd, pageHead } from './html/page.ts';
import type { SinkFactory } from './sink.ts';

/**
 * One self-contained page: no network, a strict policy, readable without scripts but for the table of hosts. What the page
 * says is made here as markup; the hosts travel as JSON, which the page's script shows as text and never as markup.
 */
export const html: SinkFactory = ({ write, glossary }) => {
  const blocks = emptyBlocks();
  const answers: ClientAnswers = new Map();
  const census = emptyCensus();
  const packer = createPacker();
  let run: RunInfo | undefined;
  return event => {
    if (event.type === 'run') run = event.run;
    else if (event.type === 'host') {
      addResult(blocks, event.result);
      countHost(census, event.result);
      packer.add(event.result);
      if (run?.client !== undefined) addAnswer(answers, event.result);
    } else if (event.type === 'end' && run !== undefined) {
      write(pageHead({ run, end: event, blocks, answers, census, glossary }).html);
      for (const piece of packer.json()) write(islandText(piece));
      write(pageEnd().html);
    }
  };
};
