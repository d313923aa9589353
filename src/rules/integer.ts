/**
 * The integer that a sysctl of the kernel's type `int` takes from a written text, or null if the write fails with EINVAL.
 * It reads one number in C notation and needs a blank or the end behind it; what follows the blank is ignored, so
 * `1 # comment` sets 1 and `1# comment` sets nothing. Source: proc_get_long() and do_proc_dointvec() in kernel/sysctl.c.
 */
export function writtenInteger(text: string): number | null {
  const number = text.replace(/^[ \t\n\r\v\f]+/, '');
  const [, minus = '', digits] = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)(?=[ \t\n]|$)/.exec(number) ?? [];
  if (digits === undefined || minus.length + digits.length > mostDigits) return null;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (minus === '-') return value > 0x8000_0000 ? null : 0 - value;
  return value > 0x7fff_ffff ? null : value;
}

/** TMPBUFLEN of kernel/sysctl.c is 22, of which the last two are never part of a number that is taken. */
const mostDigits = 20;
