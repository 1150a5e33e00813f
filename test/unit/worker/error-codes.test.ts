/** Each code of the gateway's own answers has what people look it up by: a title of its status, and a row in the runbook. */
import { STATUS_CODES } from 'node:http'
import { describe, expect, test } from 'vitest'
import { ERRORS, type GatewayErrorCode } from '../../../config/errors.ts'
import { localReply } from '../../../worker/reply/local-reply.ts'
import { readTracked } from '../../tidy/source-file.ts'

const CODES = Object.keys(ERRORS) as GatewayErrorCode[]

const titleIn = async (response: Response): Promise<string> => ((await response.json()) as { readonly title: string }).title

describe('a title', () => {
  test.each(CODES)('of %s is the name of its status', async (code) => {
    const { status } = ERRORS[code]
    expect(await titleIn(localReply(code, 'id'))).toBe(status === 499 ? 'Client Closed Request' : STATUS_CODES[status])
  })

  test('is there for every status that a fault may have', async () => {
    for (let status = 400; status < 600; status += 1) {
      const title = await titleIn(localReply('ERR_FAULT_INJECTED', 'id', undefined, status))
      expect(title, String(status)).toMatch(/^[A-Z].+ |^[A-Z][a-z]{3,}$/)
      expect(title, String(status)).not.toBe('Error')
    }
  })

  test.each([
    [418, "I'm a teapot"],
    [425, 'Too Early'],
    [499, 'Client Closed Request'],
    [498, 'Client Error'],
    [599, 'Server Error'],
  ])('of %d is %s', async (status, title) => expect(await titleIn(localReply('ERR_FAULT_INJECTED', 'id', undefined, status))).toBe(title))
})

describe('the table of codes in docs/operations.md', () => {
  const page = readTracked('docs/operations.md')
  const table = page.slice(page.indexOf('\n| code | whose fault | first look |')).split('\n\n', 1)[0] ?? ''
  const inTable = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(ERR_\w+)`/g)].map(([, code]) => code),
  )

  test('has each code once', () => expect([...inTable].sort()).toEqual([...CODES].sort()))
  test('is not alone in naming codes: none on the page is unknown', () => {
    const named = [...page.matchAll(/`(ERR_[A-Z_]+)/g)].map(([, code = '']) => code)
    expect(named.filter((code) => !CODES.some((known) => known === code))).toEqual([])
  })
})
