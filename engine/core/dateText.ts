/** Wall-clock time as text, in UTC: the form of C's ctime, which Redis uses in log lines. Source: the civil calendar. */

const DAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS: readonly string[] = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS_PER_ERA = 146_097;
const DAYS_PER_YEAR = 365;
/** From 1 March of year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468;

const two = (value: number, fill: string): string => String(value).padStart(2, fill);

/** `Mon Nov 23 00:37:05 2026`. `unixMs` is milliseconds since 1970. */
export const ctimeText = (unixMs: number): string => {
  const seconds = Math.floor(unixMs / 1000);
  const day = Math.floor(seconds / 86_400);
  const rest = seconds - day * 86_400;
  // Years begin in March here, so that a leap day is the last of its year.
  const shifted = day + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524)
    - Math.floor(dayOfEra / 146_096)) / DAYS_PER_YEAR);
  const dayOfYear = dayOfEra - (DAYS_PER_YEAR * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = (marchMonth + 2) % 12;
  const year = era * 400 + yearOfEra + (month < 2 ? 1 : 0);
  const weekday = ((day % 7) + 11) % 7;
  const time = `${two(Math.floor(rest / 3600), '0')}:${two(Math.floor(rest / 60) % 60, '0')}:${two(rest % 60, '0')}`;
  return `${DAYS[weekday] as string} ${MONTHS[month] as string} ${two(dayOfMonth, ' ')} ${time} ${year}`;
};
