/** Probes of endpoints that demand a client certificate: through the binding that presents it, and without it where there is none. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ms } from '../../../config/units.ts'
import { probe } from '../../../durable-objects/platform.ts'
import { blameCertificate, doubtsCertificate } from '../../../durable-objects/policy/blame-certificate.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import { monitor } from './samples.ts'

let asked = 0
const server = createServer((_, answer) => {
  asked += 1
  answer.writeHead(496).end()
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`
})
afterAll(() => server.close())

const guarded = () => ({ ...monitor, url, clientCertificate: 'EDGE' })

test('the binding is asked, as the monitor says', async () => {
  const seen: unknown[] = []
  const binding = {
    fetch: async (asks: string, init: RequestInit) => {
      seen.push(asks, init.method, init.redirect)
      return new Response('ready')
    },
  }
  expect(await probe(guarded(), { EDGE: binding })).toMatchObject({ kind: 'passed', status: 200 })
  expect(seen).toEqual([url, 'GET', 'manual'])
  expect(asked).toBe(0)
})

test.each([
  ['missing', {}],
  ['something else', { EDGE: 'text' }],
])('a binding that is %s: the endpoint is probed without, and the failure says so', async (_, bindings) => {
  const before = asked
  expect(await probe(guarded(), bindings)).toMatchObject({
    kind: 'failed',
    phase: 'status',
    detail: 'without a certificate, for want of a binding EDGE: status 496',
  })
  expect(asked).toBe(before + 1)
})

test('nothing is said of a binding that no monitor names', async () => {
  const { clientCertificate: _, ...plain } = guarded()
  expect(await probe(plain, {})).toMatchObject({ detail: 'status 496' })
})

const broken = (phase: 'connect' | 'tls' | 'timeout' | 'body', detail: string): ProbeResult => ({
  kind: 'failed',
  phase,
  latency: ms(3),
  detail,
})
const status = (code: number): ProbeResult => ({ kind: 'failed', phase: 'status', status: code, latency: ms(3), detail: `status ${code}` })
const PASSED: ProbeResult = { kind: 'passed', status: 200, latency: ms(3) }
const LOST = broken('connect', 'Network connection lost.')
const [ALERT, ANOTHER_ALERT] = ['a1b2', 'c3d4'].map((number) => broken('connect', `internal error; reference = ${number}`)) as [
  ProbeResult,
  ProbeResult,
]

describe('whether the certificate is what an endpoint does not take', () => {
  test.each<readonly [string, ProbeResult, ProbeResult, string]>([
    ['it answers without', LOST, PASSED, 'it breaks off connections that present EDGE'],
    ['it answers without, and not well', LOST, status(503), 'it breaks off connections that present EDGE'],
    [
      'it answers without, with another body',
      LOST,
      { ...broken('body', 'the body lacks the expected text'), status: 200 } as ProbeResult,
      'it breaks off',
    ],
    ['TLS breaks with it alone', broken('tls', 'TLS peer said no'), PASSED, 'it breaks off connections that present EDGE'],
    ['it demands one, and alerts those without', LOST, ALERT, 'it ends connections that present EDGE in another way'],
    ['it refuses those who present it', status(400), PASSED, 'it refuses those who present EDGE'],
  ])('yes: %s', (_, presenting, without, said) => {
    expect(doubtsCertificate(presenting)).toBe(true)
    const blamed = blameCertificate(presenting as Extract<ProbeResult, { kind: 'failed' }>, without, 'EDGE')
    expect(blamed.phase).toBe('certificate')
    expect(blamed.detail).toContain(said)
    expect(blamed.detail).toContain((presenting as { detail: string }).detail)
    expect(blamed.detail.length).toBeLessThan(400)
  })

  test.each<readonly [string, ProbeResult, ProbeResult]>([
    ['dead either way', LOST, LOST],
    ['an error of the runtime either way, whatever its number', ALERT, ANOTHER_ALERT],
    ['no answer without', LOST, broken('timeout', 'no answer in 1000 ms')],
    ['refused either way', status(403), status(403)],
    ['refused with it, broken without', status(403), LOST],
  ])('no: %s', (_, presenting, without) => {
    expect(blameCertificate(presenting as Extract<ProbeResult, { kind: 'failed' }>, without, 'EDGE')).toEqual(presenting)
  })

  test.each([PASSED, broken('timeout', ''), broken('body', ''), status(503), status(302)])('not even asked after %j', (result) => {
    expect(doubtsCertificate(result)).toBe(false)
  })
})

test('a probe that fails with the certificate is sent again without, and one that passes is not', async () => {
  const before = asked
  const lost = { fetch: () => Promise.reject(new Error('Network connection lost.')) }
  expect(await probe(guarded(), { EDGE: lost })).toMatchObject({
    kind: 'failed',
    phase: 'certificate',
    detail: expect.stringContaining('EDGE'),
  })
  expect(asked).toBe(before + 1)
  expect(await probe(guarded(), { EDGE: { fetch: async () => new Response('ready') } })).toMatchObject({ kind: 'passed' })
  expect(asked).toBe(before + 1)
})
