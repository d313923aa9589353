import { say } from './element.ts';

/** Makes the copy buttons work: the text of the element that each names goes to the clipboard. */
export function enableCopying(): void {
  document.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-copy]') : null;
    const source = button === null ? null : document.getElementById(button.dataset['copy'] ?? '');
    if (button === null || source === null) return;
    copy(source.textContent ?? '').then(
      () => tell(button, 'Copied'),
      () => tell(button, 'Select it'),
    );
  });
}

/** Files opened from a mail have no clipboard interface in some browsers; a selected text area always had one. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const before = document.activeElement;
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    // the focus went to the area, and would be lost with it
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    if (!isCopied) throw new Error('no clipboard');
  }
}

const told = 1_500;

function tell(button: HTMLElement, words: string): void {
  button.textContent = words;
  say(words);
  setTimeout(() => {
    button.textContent = 'Copy';
  }, told);
}
