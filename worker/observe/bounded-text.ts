/** A text that somebody else wrote, cut and made harmless for a line of the log. */

const TEXT_MAX = 256

/** Control characters are JSON's to escape; those that end a line for some readers (U+2028, U+2029) and text direction marks go too. */
export const bounded = (text: string): string => {
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
  return cut.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
}
