/** Names: those that operators choose, those that refer to them, and the words that only people read. */
import { z } from 'zod'
import { NAME, readName, readText } from '../fields.ts'

/** A name that operators choose. It appears in logs and headers. */
export const name = (what: string) =>
  readText(`${what}: lower-case letters, digits and hyphens, at most 63`, (raw) => readName(raw, what), NAME)

/** The name of something that is defined elsewhere: taken as it is, and looked up when the file is linked. */
export const reference = (what: string) => z.string(`the name of ${what}`).max(253, `the name of ${what}`)

/** A short text. */
export const word = (what: string, max: number) =>
  z
    .string(`${what}, as a text of 1 to ${max} characters`)
    .min(1, `${what}, as a text of 1 to ${max} characters`)
    .max(max, `${what}, as a text of 1 to ${max} characters`)
