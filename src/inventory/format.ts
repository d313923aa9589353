import type { Complaint } from '../model/input-error.ts';
import { ansibleIni } from './ansible/ini.ts';
import { ansibleListJson } from './ansible/list-json.ts';
import { ansibleYaml } from './ansible/yaml.ts';
import { clusterShell } from './clustershell.ts';
import { type FileContents, nothingBut, type SourceText, unrecognised } from './contents.ts';
import { genders } from './genders.ts';
import { hostList } from './host-list.ts';
import { refused, refusedAtLast } from './refused.ts';
import { sshConfigHosts } from './ssh-config-hosts.ts';
import { synauditYaml } from './synaudit-yaml.ts';

/** A way to write an inventory. To add one: one file that exports this, one line in `formats`. */
export interface InventoryFormat {
  /** Whether a text is meant to be of this format, judged by its content; names of files say nothing. */
  recognises(text: string): boolean;
  /** Reads it. What is wrong with it is a complaint, never an exception. */
  read(source: SourceText): FileContents;
}

/** In this order; the first that recognises a text reads it. */
const formats: readonly InventoryFormat[] = [
  synauditYaml,
  ansibleListJson,
  refused,
  clusterShell,
  ansibleYaml,
  sshConfigHosts,
  genders,
  ansibleIni,
  refusedAtLast,
  hostList,
];

/** Control characters but tab and line breaks, and U+FFFD, which stands for bytes that were no UTF-8. */
const foreign = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]/;

/** Reads one file in whatever format it has. A byte order mark at its start is ignored. */
export function readInventoryFile({ file, text }: SourceText): FileContents {
  const source = { file, text: text.replace(/^\ufeff/, '') };
  const odd = foreign.exec(source.text);
  if (odd !== null) return nothingBut([foreignCharacter(source, odd.index)]);
  const format = formats.find(candidate => candidate.recognises(source.text));
  return format?.read(source) ?? ofNoFormat(source);
}

function foreignCharacter({ file, text }: SourceText, offset: number): Complaint {
  const before = text.slice(0, offset).split('\n');
  const location = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const code = text.charCodeAt(offset).toString(16).padStart(2, '0');
  const message =
    code === 'fffd' ? 'this is no UTF-8 text' : `a control character (0x${code}) stands here; this is no text file`;
  return { message, location };
}

function ofNoFormat({ file, text }: SourceText): FileContents {
  const line = text.split('\n').findIndex(content => /^\s*[^#\s]/.test(content)) + 1;
  if (line === 0) return unrecognised({ file, line: 1, column: 1 }, 'there is nothing in this file');
  return unrecognised({ file, line, column: 1 });
}

const ofAnsible: ReadonlySet<InventoryFormat> = new Set([ansibleListJson, ansibleYaml, ansibleIni]);

/** Whether a text is an inventory of Ansible: then variables may stand in files beside it. */
export function isAnsibleText(text: string): boolean {
  const format = formats.find(candidate => candidate.recognises(text));
  return format !== undefined && ofAnsible.has(format);
}
