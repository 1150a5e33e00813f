/** Expressions that keep backtracking engines, or engines that make states as they go, busy; and texts of 4 KiB to hold against them. */

const A = 'a'.repeat(4096)

/** Letters that look random and are the same each time. */
function letters(alphabet: string): string {
  const all = [...alphabet]
  let state = 7
  let text = ''
  while (text.length < 4094) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    text += all[(state >> 16) % all.length] ?? ''
  }
  return text
}

export const SUBJECTS: Readonly<Record<string, string>> = {
  'a and b': letters('ab'),
  'all a': A,
  'a with an end': `${A.slice(1)}!`,
  'a slash and a': `/${A.slice(1)}`,
  words: letters('abc/,. x'),
  slashes: '/a'.repeat(2048),
  encodings: '/%2e%2E'.repeat(585),
  'other letters': letters('aαbβ💥'),
  'lines and words': letters('ab,. \n_1é'),
  digits: letters('0123456789'),
  spaces: `${' '.repeat(4095)}x`,
  'a mail address': `${'a'.repeat(2000)}@${'b.'.repeat(1000)}`,
}

export const PATHOLOGICAL: readonly string[] = [
  // Ambiguous repetition: exponential for who goes back.
  '(a+)+',
  '(a+)+b',
  '(a*)*b',
  '((a*)*)*b',
  '(a|a)*b',
  '(a|aa)+c',
  '(a|b|ab)*c',
  '(.*)*x',
  '(.+)+x',
  '([a-zA-Z]+)*!x',
  '(x+x+)+y',
  '(([a-z])+.)+[A-Z]([a-z])+',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(\\w+\\s?)*!',
  '(\\s*\\w*)*!',
  '(?:a?){60}a{60}',
  '(a?){90}a{90}',
  '(?:a{1,2}){60}b',
  '(.?){150}x',
  '(?:a?b?|c?d?){40}',
  '(((a?b?)?c?)?,?){35}',
  // Polynomial for who goes back.
  '.*.*.*=.*',
  '.*a.*b.*c.*d.*e.*f.*g.*h.*',
  '(?:.*,){11}P',
  '(.*a){20}',
  '(.*a){90}',
  '(.*){90}',
  '.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*x',
  '\\s+x',
  ' *x *y',
  '[0-9]+(\\.[0-9]+)*x',
  // Many states for who makes them as they come.
  '(a|b)*a(a|b){12}',
  '(a|b)*a(a|b){20}',
  '(a|b)*a(a|b){60}',
  '(a|b)*a(a|b){180}',
  '.*a.{20}b',
  '.*a.{60}b',
  '.*[ab].{90}[ab].{90}',
  '(?:.*a.{30}){3}',
  '(?s).*a.{150}.*b',
  '(?:[ab]{3}|[ab]{5}|[ab]{7})*',
  '(?i)(?:a|b|ab|ba)*.{100}',
  // Places, and letters of all scripts.
  '(\\b(a|b)?){90}',
  '(?:\\b|\\B|a){60}b',
  '(?m)(?:^|$|a|\\n)*b',
  '(?m)(?:^[^,]*,?$\\n?)*!',
  '\\pL+',
  '(\\pL|\\d)*\\p{Greek}{20}',
  '(?:\\p{Lu}|\\p{Ll}|\\p{Lt}|\\p{Lm}|\\p{Lo})*x',
  '[^\\x00-\\x{10FFFF}]*a*b',
  '(?i)[k\u017f]*ß',
  // As found in the wild: addresses, paths, encodings, agents.
  '([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+\\.)+([a-zA-Z0-9]{2,4})+',
  '(https?://)?([\\da-z.-]+)\\.([a-z.]{2,6})([/\\w .-]*)*/?',
  '[^/]+/[^/]+(/[^/]+){0,20}',
  '(/[^/]*)*/admin(/.*)?',
  '(/(\\.|%2[eE]|[^/])*)*/x',
  '/(?:[^/]+/)*(?:[^/]+/)*[^/]+\\.(?:css|js|png)',
  '(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])',
  '(?:Mozilla|Opera)/?.*(?:[\\d.]+)+.*x',
]
