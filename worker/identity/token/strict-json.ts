/**
 * JSON that two readers cannot read differently: an object, no name twice in one object, no number that would
 * become another, not deep. Parsers keep the last of two members, and whoever made the token may have meant the first (RFC 8725 section 2.4,
 * RFC 7519 section 4); they round what a double does not hold, and others do not (RFC 8259 section 6).
 */
import { isExact } from './exact-number.ts'

/** Deeper ones are of nobody, and what walks through claims may call itself. */
const DEPTH_MAX = 16

export type JsonObject = Readonly<Record<string, unknown>>

/** Undefined for all else. */
export function readStrictJson(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || Array.isArray(value)) return undefined
    // Of two members of one name one is left, however each is spelt.
    return membersIn(text) === membersOf(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const QUOTE = 34
const PLUS = 43
const MINUS = 45
const POINT = 46
const DIGIT_0 = 48
const DIGIT_9 = 57
const COLON = 58
const CAPITAL_E = 69
const OPENING_BRACKET = 91
const BACKSLASH = 92
const CLOSING_BRACKET = 93
const SMALL_E = 101
const OPENING_BRACE = 123
const CLOSING_BRACE = 125

/** How many members JSON that has been parsed has, in all its objects. NaN, which nothing equals, when it is too deep or has a number that is not exact. */
function membersIn(text: string): number {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    switch (code) {
      case QUOTE:
        at = endOfText(text, at)
        break
      case COLON:
        members += 1
        break
      case OPENING_BRACE:
      case OPENING_BRACKET:
        depth += 1
        if (depth > DEPTH_MAX) return Number.NaN
        break
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        depth -= 1
        break
      default:
        if (beginsNumber(code)) {
          const end = endOfNumber(text, at)
          if (!isExact(text.slice(at, end))) return Number.NaN
          at = end - 1
        }
    }
  }
  return members
}

/** The same of what has been made of it. */
function membersOf(value: object): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => (isObject(item) ? sum + membersOf(item) : sum), 0)
  const names = Object.keys(value)
  let members = names.length
  for (const name of names) {
    const held = (value as JsonObject)[name]
    if (isObject(held)) members += membersOf(held)
  }
  return members
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9

/** A minus sign and the digits: outside of texts nothing else begins with them. */
const beginsNumber = (code: number): boolean => code === MINUS || isDigit(code)

const isInNumber = (code: number): boolean =>
  isDigit(code) || code === POINT || code === MINUS || code === PLUS || code === SMALL_E || code === CAPITAL_E

function endOfNumber(text: string, from: number): number {
  let end = from + 1
  while (isInNumber(text.charCodeAt(end))) end += 1
  return end
}

/** Where the quote is that ends the text that begins at a place. */
function endOfText(text: string, from: number): number {
  let end = text.indexOf('"', from + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** By backslashes before it: each second one is a letter of the text itself. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}
