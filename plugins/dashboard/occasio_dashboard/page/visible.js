/** Texts of others as pieces that can be shown: what would be invisible, or steer how text runs, is named. Knows no page. */

/** Controls, formats (bidi, zero width, tags), separators of lines, lone surrogates, and what no font has. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u2800\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const LAID_OUT = /[\n\t]/;
/** Characters of a text that are shown, unless fewer are asked for. */
const MOST = 20_000;

/**
 * @param {string} text
 * @param {{lines?: boolean, most?: number}} [how] whether line ends and tabs may do their work, as in a policy; and how many
 *   characters are shown
 * @returns {{text: string, control: boolean}[]} pieces in order; of a very long text the beginning, and how much is left out
 */
export function pieces(text, { lines = false, most = MOST } = {}) {
  const shown = text.length > most ? text.slice(0, most) : text;
  const found = [];
  let from = 0;
  for (const match of shown.matchAll(STEERING)) {
    if (lines && LAID_OUT.test(match[0])) continue;
    if (match.index > from) found.push({ text: shown.slice(from, match.index), control: false });
    found.push({ text: nameOf(match[0]), control: true });
    from = match.index + match[0].length;
  }
  if (from < shown.length) found.push({ text: shown.slice(from), control: false });
  if (text.length > most) found.push({ text: `… ${text.length - most} more characters`, control: true });
  return found;
}

function nameOf(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
