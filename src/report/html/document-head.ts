import { styleSheet } from './client-bundle.ts';
import { type Content, type Html, html, raw } from './markup.ts';

/** What stands in the head of every page: the policy of what it may load, its title, its style. */
export const documentHead = (policy: string, title: Content): Html => html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(styleSheet)}</style>
</head>`;
