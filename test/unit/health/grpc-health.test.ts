/** The bytes of gRPC's health check, and what is made of answers, good and hostile. */
import { describe, expect, test } from 'vitest'
import { askGrpcHealth, readGrpcHealth } from '../../../durable-objects/policy/grpc-health.ts'
import { probeQuestion } from '../../../durable-objects/policy/probe-question.ts'
import { dice, SEED } from '../../seed.ts'
import { monitor } from './samples.ts'

const frame = (flag: number, content: readonly number[]): readonly number[] => [
  flag,
  0,
  0,
  content.length >> 8,
  content.length & 0xff,
  ...content,
]
const text = (of: string): readonly number[] => [...new TextEncoder().encode(of)]
const OK = frame(0x80, text('grpc-status:0\r\ngrpc-message:\r\n'))
const SERVING = frame(0, [0x08, 1])
const read = (...frames: readonly (readonly number[])[]) => readGrpcHealth(null, Uint8Array.from(frames.flat()))

test('what is asked', () => {
  expect([...askGrpcHealth('')]).toEqual([0, 0, 0, 0, 0])
  expect([...askGrpcHealth('a.B')]).toEqual([0, 0, 0, 0, 5, 0x0a, 3, 0x61, 0x2e, 0x42])
  expect([...askGrpcHealth('x'.repeat(200)).slice(0, 8)]).toEqual([0, 0, 0, 0, 203, 0x0a, 0xc8, 0x01])
  const question = probeQuestion({ ...monitor, kind: 'grpc', headers: [['x-canary', 'edge']] })
  expect(question?.method).toBe('POST')
  expect(question?.headers.map(([name]) => name)).toEqual(['x-canary', 'content-type', 'accept', 'x-grpc-web'])
  expect(probeQuestion({ ...monitor, kind: 'websocket', method: 'HEAD' })).toEqual({ method: 'GET', headers: [['upgrade', 'websocket']] })
  expect(probeQuestion({ ...monitor, kind: 'tls' })).toBe(undefined)
  expect(probeQuestion(monitor)).toEqual({ method: 'GET', headers: [] })
})

describe('an answer', () => {
  test('that serves', () => {
    expect(read(SERVING, OK)).toEqual({ kind: 'serving' })
    expect(read(SERVING, frame(0x80, text('Grpc-Status: 0\n')))).toEqual({ kind: 'serving' })
  })
  test.each<[string, readonly (readonly number[])[], string]>([
    ['that does not serve', [frame(0, [0x08, 2]), OK], 'it says NOT_SERVING'],
    ['that does not know', [frame(0, []), OK], 'it says UNKNOWN'],
    ['with a status of its own', [frame(0, [0x08, 9]), OK], 'it says status 9'],
    ['whose call failed after its message', [SERVING, frame(0x80, text('grpc-status:14\r\n'))], 'grpc-status 14'],
  ])('%s is refused', (_, frames, detail) => expect(read(...frames)).toEqual({ kind: 'refused', detail }))
  test('whose call failed in its head is refused', () => {
    expect(readGrpcHealth('5', new Uint8Array())).toEqual({ kind: 'refused', detail: 'grpc-status 5' })
    expect(readGrpcHealth('0', Uint8Array.from([...SERVING, ...OK]))).toEqual({ kind: 'serving' })
  })
  test.each<[string, readonly (readonly number[])[]]>([
    ['empty', []],
    ['a page', [text('<html>not found</html>')]],
    ['without an end', [SERVING]],
    ['cut', [SERVING, OK.slice(0, -4)]],
    ['without a message', [OK]],
    ['without a status', [SERVING, frame(0x80, text('x: y\r\n'))]],
    ['compressed', [frame(1, [0x08, 1]), OK]],
    ['of another message', [frame(0, [0x12, 1, 0x41]), OK]],
    ['a number that goes on', [frame(0, [0x08, 0x81]), OK]],
    ['longer than it is', [[0, 0xff, 0xff, 0xff, 0xff, 8, 1]]],
  ])('%s is malformed', (_, frames) => expect(read(...frames).kind).toBe('malformed'))

  test(`seed ${SEED}: bytes that are spoilt throw nothing, and never serve without their end`, () => {
    const roll = dice(SEED)
    const good = [...SERVING, ...OK]
    for (let round = 0; round < 2000; round += 1) {
      const bytes = Uint8Array.from(good.slice(0, Math.floor(roll() * good.length)))
      if (bytes.length > 0) bytes[Math.floor(roll() * bytes.length)] = Math.floor(roll() * 256)
      const health = readGrpcHealth(null, bytes)
      if (bytes.length < SERVING.length + 5 + 'grpc-status:0'.length) expect(health.kind).not.toBe('serving')
    }
  })
})
