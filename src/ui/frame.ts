import { layoutOf } from './layout.ts';
import { type Line, paintLine, type Theme } from './line.ts';
import type { ListName, State } from './state.ts';
import { fleetLines, fleetPanel } from './views/fleet.ts';
import { footerLines } from './views/footer.ts';
import { headerLines } from './views/header.ts';
import { hostsLines, hostsPanel } from './views/hosts.ts';
import { overlayLines } from './views/overlay.ts';
import { pageLines } from './views/page.ts';
import { problemsLines, problemsPanel } from './views/problems.ts';
import { rulesLines, rulesPanel } from './views/rules.ts';

/** What is on the screen, painted, top to bottom: together exactly as many lines as the terminal has rows. */
export interface Frame {
  readonly header: readonly string[];
  readonly body: readonly string[];
  readonly panel: readonly string[];
  readonly footer: readonly string[];
}

const listViews: Readonly<
  Record<
    ListName,
    { readonly lines: (state: State) => readonly Line[]; readonly panel: (state: State) => readonly Line[] }
  >
> = {
  fleet: { lines: fleetLines, panel: fleetPanel },
  hosts: { lines: hostsLines, panel: hostsPanel },
  rules: { lines: rulesLines, panel: rulesPanel },
  problems: { lines: problemsLines, panel: problemsPanel },
};

/** The frame of a state. Pure: the same state is the same text. */
export function frameOf(state: State, theme: Theme): Frame {
  const layout = layoutOf(state);
  const painted = (lines: readonly Line[], height: number): readonly string[] =>
    Array.from({ length: height }, (_, i) => paintLine(lines[i] ?? [], state.columns, theme));
  const ends = {
    header: painted(headerLines(state), layout.header),
    footer: painted(footerLines(state), layout.footer),
  };
  const overlay = overlayLines(state);
  if (overlay !== null) return { ...ends, body: painted(overlay, layout.body), panel: [] };
  if (state.rule !== null || state.view === 'host') {
    const lines = pageLines(state);
    const start = Math.min(state.scroll, Math.max(0, lines.length - layout.body));
    return { ...ends, body: painted(lines.slice(start, start + layout.body), layout.body), panel: [] };
  }
  const view = listViews[state.view];
  const panel =
    layout.panel === 0 ? [] : [[{ text: '─'.repeat(state.columns), tone: 'dim' } as const], ...view.panel(state)];
  return { ...ends, body: painted(view.lines(state), layout.body - layout.panel), panel: painted(panel, layout.panel) };
}
