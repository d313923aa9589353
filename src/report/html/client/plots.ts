import uPlot from 'uplot';
import { element } from './element.ts';
import { counted, type Fleet, milliseconds, type Row, rate } from './fleet.ts';

/** Hosts in order of one number: shows at once whether few hosts or all of them are meant. */
interface Plot {
  readonly title: string;
  readonly valueIn: (row: Row) => number;
  readonly words: (value: number) => string;
}

const plots: readonly Plot[] = [
  {
    title: 'Rate of the fastest counter behind a finding, per second',
    valueIn: ({ perSecond }) => perSecond,
    words: value => `${rate(value)}/s`,
  },
  { title: 'How long the visits took', valueIn: ({ totalMs }) => totalMs, words: milliseconds },
];

/** Fewer hosts are read off the table as easily. */
const fewestHosts = 8;
const height = 190;

/** Draws what needs the numbers of all hosts. Width and colours follow the page: its size, light or dark, paper. */
export function drawPlots(place: HTMLElement | null, { rows }: Fleet): void {
  if (place === null) return;
  const drawn = plots.flatMap(plot => {
    const ranked = rows.filter(row => plot.valueIn(row) > 0).sort((a, b) => plot.valueIn(b) - plot.valueIn(a));
    if (ranked.length < fewestHosts) return [];
    place.hidden = false;
    return [draw(place, plot, ranked)];
  });
  const redraw = (): void => {
    for (const { chart, box } of drawn) {
      chart.setSize({ width: widthOf(box), height });
      chart.redraw(false, true);
    }
  };
  addEventListener('resize', redraw);
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
}

const widthOf = (box: HTMLElement): number => Math.max(240, box.clientWidth);

const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(
  place: HTMLElement,
  { title, valueIn, words }: Plot,
  ranked: readonly Row[],
): { chart: uPlot; box: HTMLElement } {
  const [most] = ranked;
  const middle = ranked[Math.floor(ranked.length / 2)];
  const tell = (row: Row | undefined): string => (row === undefined ? '' : `${row.name}: ${words(valueIn(row))}`);
  const usual = `${counted(ranked.length, 'host')}, highest ${tell(most)}, median ${middle === undefined ? '' : words(valueIn(middle))}`;
  const readout = element('p', { class: 'row-says' }, usual);
  const box = element('div', { class: 'plot', role: 'img', 'aria-label': `${title}: ${usual}` });
  place.append(element('figure', {}, element('figcaption', {}, title), box, readout));
  const axis = {
    stroke: () => color('--dim'),
    grid: { stroke: () => color('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  const chart = new uPlot(
    {
      width: widthOf(box),
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { distr: 3 } },
      axes: [
        {
          ...axis,
          values: (_, ticks) => ticks.map(tick => (Number.isInteger(tick) ? tick.toLocaleString('en-US') : '')),
        },
        { ...axis, size: 64, values: (_, ticks) => ticks.map(tick => (tick === null ? '' : words(tick))) },
      ],
      series: [{}, { stroke: () => color('--accent'), width: 2, points: { show: ranked.length <= 60 } }],
      hooks: {
        setCursor: [
          ({ cursor }) => {
            readout.textContent = typeof cursor.idx === 'number' ? tell(ranked[cursor.idx]) : usual;
          },
        ],
      },
    },
    [ranked.map((_, i) => i + 1), ranked.map(valueIn)],
    box,
  );
  return { chart, box };
}
