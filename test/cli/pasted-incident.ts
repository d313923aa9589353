import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A labelled case as it was published. */
export interface Incident {
  readonly label: string;
  readonly kernel?: string | null;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  readonly sysctl_conf_quoted?: string;
  readonly counters_quoted?: string;
}

export const readIncident = (file: string): Incident => parse(readFileSync(file, 'utf8'));

/** The texts that somebody with this case would paste, by file name. */
export function pastedTexts({
  kernel,
  sysctls,
  sysctl_conf_quoted: conf,
  counters_quoted: counters,
}: Incident): Readonly<Record<string, string>> {
  const release = /\d+\.\d+\S*/.exec(kernel ?? '')?.[0];
  const texts = {
    'netstat.txt': counters,
    'sysctl.txt': sysctls && Object.entries(sysctls).map(sysctlLine).join(''),
    'sysctl.conf': conf,
    'uname.txt': release && `Linux server ${release} #1 SMP Tue Sep 16 01:56:35 EDT 2014 x86_64 GNU/Linux\n`,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

/** What `sysctl KEY` prints where the key is there, and where the kernel does not have it. */
const sysctlLine = ([key, value]: readonly [string, string | number]): string =>
  /\babsent\b/.test(String(value))
    ? `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory\n`
    : `${key} = ${value}\n`;
