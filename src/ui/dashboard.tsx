import { Box, Text, Transform, useInput } from 'ink';
import { memo, useSyncExternalStore } from 'react';
import { type Frame, frameOf } from './frame.ts';
import { keysIn } from './input.ts';
import type { Theme } from './line.ts';
import type { Store } from './store.ts';

/** The whole screen: draws the state, and tells the store which keys were pressed. */
export function Dashboard({ store, theme, now }: { store: Store; theme: Theme; now: () => number }) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  useInput((input, key) => {
    for (const name of keysIn(input, key)) store.dispatch({ type: 'key', key: name, now: now() });
  });
  return <Screenful frame={frameOf(state, theme)} columns={state.columns} rows={state.rows} />;
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

/**
 * Drawn again only if its text is another. Our rows have their width already, so ink measures a blank: it remembers each text
 * that it ever measured, which would grow for as long as a watch runs (`cache` in ink's measure-text.js).
 */
const Row = memo(({ text }: { text: string }) => (
  <Transform transform={() => text}>
    <Text> </Text>
  </Transform>
));
