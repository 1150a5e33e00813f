/**
 * JSON that two readers cannot read differently: UTF-8 without a mark in front, an object, no name twice in one object, no number that would
 * become another, not deep. Parsers keep the last of two members, and whoever made the token may have meant the first (RFC 8725 section 2.4,
 * RFC 7519 section 4); they round what a double does not hold, and others do not (RFC 8259 section 6).
 */
import { isExact } from './exact-number.ts'

/** Deeper ones are of nobody, and what walks through claims may call itself. */
const DEPTH_MAX = 16

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type JsonObject = Readonly<Record<string, unknown>>

/** Undefined for all else. */
export function readStrictJson(encoded: Uint8Array): JsonObject | undefined {
  try {
    const text = DECODER.decode(encoded)
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && isUnambiguous(text) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58
const MINUS = 45
const DIGIT_0 = 48
const DIGIT_9 = 57
const OPENING_BRACE = 123
const CLOSING_BRACE = 125
const OPENING_BRACKET = 91
const CLOSING_BRACKET = 93

/** Of JSON that has been parsed: a text is a name when a colon follows it. */
function isUnambiguous(text: string): boolean {
  const names: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    switch (code) {
      case OPENING_BRACE:
        if (names.push(new Set()) > DEPTH_MAX) return false
        break
      case OPENING_BRACKET:
        if (names.push(undefined) > DEPTH_MAX) return false
        break
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        names.pop()
        break
      case QUOTE: {
        const end = endOfText(text, at)
        if (isName(text, end)) {
          const name = nameAt(text, at, end)
          const known = names.at(-1)
          if (known?.has(name) !== false) return false
          known.add(name)
        }
        at = end
        break
      }
      default:
        if (beginsNumber(code)) {
          const number = numberAt(text, at)
          if (!isExact(number)) return false
          at += number.length - 1
        }
    }
  }
  return true
}

/** A minus sign and the digits: outside of texts nothing else begins with them. */
const beginsNumber = (code: number): boolean => code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)

function numberAt(text: string, from: number): string {
  let end = from + 1
  while (end < text.length && IN_NUMBER.test(text.charAt(end))) end += 1
  return text.slice(from, end)
}
const IN_NUMBER = /[0-9.eE+-]/

/** Two spellings of one name are one name; without a backslash there is but one. */
function nameAt(text: string, from: number, end: number): string {
  const spelled = text.slice(from + 1, end)
  return spelled.includes('\\') ? (JSON.parse(text.slice(from, end + 1)) as string) : spelled
}

/** Where the quote is that ends the text that begins at a place. */
function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at += 1
  }
  return text.length
}

function isName(text: string, end: number): boolean {
  for (let at = end + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === COLON) return true
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return false
  }
  return false
}
