/** The text of an entry that is kept where others may write too: the MAC of the document in hex digits, empty without a secret, and the document. */
export const writeEntry = (mac: string, document: string): string => `${mac}\n${document}`

export function splitEntry(entry: unknown): { readonly mac: string; readonly document: string } | undefined {
  const end = typeof entry === 'string' ? entry.indexOf('\n') : -1
  return typeof entry === 'string' && end >= 0 ? { mac: entry.slice(0, end), document: entry.slice(end + 1) } : undefined
}
