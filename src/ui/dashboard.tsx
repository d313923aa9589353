import { Box, Text, Transform, useInput } from 'ink';
import { memo, useLayoutEffect, useSyncExternalStore } from 'react';
import { type Frame, frameOf } from './frame.ts';
import { keysIn } from './input.ts';
import type { Theme } from './line.ts';
import type { Store } from './store.ts';

interface DashboardProps {
  readonly store: Store;
  readonly theme: Theme;
  /** Unit: ms. */
  readonly now: () => number;
  /** Takes the rows of each frame instead of ink. */
  readonly paint?: (rows: readonly string[]) => void;
}

/**
 * The whole screen: draws the state, and tells the store which keys were pressed. On a terminal the rows go past ink to the
 * screen (`paint`): they are painted already, and ink would take every character of them apart and put it together again,
 * 27 ms of a frame of 200 x 60 where painting takes 1 to 2.
 */
export function Dashboard({ store, theme, now, paint }: DashboardProps) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  useInput((input, key) => {
    for (const name of keysIn(input, key)) store.dispatch({ type: 'key', key: name, now: now() });
  });
  const frame = frameOf(state, theme);
  useLayoutEffect(() => paint?.([...frame.header, ...frame.body, ...frame.panel, ...frame.footer]));
  return paint === undefined ? <Screenful frame={frame} columns={state.columns} rows={state.rows} /> : null;
}

function Screenful({ frame, columns, rows }: { frame: Frame; columns: number; rows: number }) {
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Rows texts={frame.header} />
      <Rows texts={frame.body} />
      <Rows texts={frame.panel} />
      <Rows texts={frame.footer} />
    </Box>
  );
}

function Rows({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {texts.map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its position
        <Row key={row} text={text} />
      ))}
    </Box>
  );
}

/** Drawn again only if its text is another. It has its width already: ink measures a blank instead. */
const Row = memo(({ text }: { text: string }) => (
  <Transform transform={() => text}>
    <Text> </Text>
  </Transform>
));
