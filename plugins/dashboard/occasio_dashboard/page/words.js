/** Numbers, money and times as the page says them. Knows no page. */

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

/** @param {number} number */
export function whole(number) {
  return WHOLE.format(number);
}

/** A number of which nobody needs every digit. @param {number} number */
export function short(number) {
  return Math.abs(number) < 100_000 ? whole(number) : SHORT.format(number);
}

/** @param {number} number @param {string} thing */
export function counted(number, thing) {
  return `${whole(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** Millionths of a dollar; small amounts with more digits. @param {number} micro */
export function money(micro) {
  const dollars = micro / 1e6;
  return `$${dollars.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: dollars < 1 ? 4 : 2 })}`;
}

/** @param {string} at a row's time */
export function clock(at) {
  return CLOCK.format(new Date(at));
}

/** The time of day for today, else with the day. @param {string | number} at @param {Date} now */
export function when(at, now = new Date()) {
  const date = new Date(at);
  return date.toDateString() === now.toDateString() ? CLOCK.format(date) : DAY_AND_CLOCK.format(date);
}

/** @param {number} at @param {number} width of a bucket, in milliseconds */
export function bucket(at, width) {
  return width >= 86_400_000 ? DAY.format(new Date(at)) : DAY_AND_CLOCK.format(new Date(at));
}

/** What an axis of time says, which shows so many seconds. @param {number} at @param {number} seconds */
export function mark(at, seconds) {
  return (seconds > 2 * 86_400 ? DAY : HOUR).format(new Date(at));
}

/** @param {number} milliseconds */
export function lasting(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
