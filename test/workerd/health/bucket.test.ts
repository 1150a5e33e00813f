/** What the R2 of the real runtime says, as values: nothing there, an object, the same again, put again, too long, no binding. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleWorker } from '../../../cli/bundle-worker.ts'
import { bytes } from '../../../config/units.ts'
import type { BucketAnswer } from '../../../durable-objects/policy/bucket-answer.ts'
import { COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import type { BucketCommand } from './bucket-command.ts'

const bytesMax = bytes(100)

describe('the bucket of operators', () => {
  let script = ''
  let running: Running
  beforeAll(async () => {
    script = await bundleWorker('test/workerd/workers/bucket-reader.ts', { name: 'no configuration', setup() {} })
    running = await startWorkers([{ name: 'reader', modules: true, script, r2Buckets: ['OPERATOR_FILES'], ...COMPATIBILITY }])
  })
  afterAll(() => running.stop())

  const get = async (name: string, more: Partial<BucketCommand> = {}, at = running): Promise<BucketAnswer> => {
    const response = await fetch(at.url, { method: 'POST', body: JSON.stringify({ name, bytesMax, ...more }) })
    return (await response.json()) as BucketAnswer
  }
  const put = async (name: string, text: string) => {
    const answer = await get(name, { text })
    if (answer.kind !== 'object') throw new Error(`${name} is ${answer.kind}`)
    return answer
  }

  test('nothing is there, whatever was held', async () => {
    expect([await get('a'), await get('a', { etag: 'held' })]).toEqual([{ kind: 'missing' }, { kind: 'missing' }])
  })

  test('an object, and the same again without its text', async () => {
    const { etag, version, text } = await put('b', '{"version":1}')
    expect(text).toBe('{"version":1}')
    expect(await get('b', { etag })).toEqual({ kind: 'unchanged', version })
    expect(await get('b', { etag: 'another' })).toEqual({ kind: 'object', etag, version, text })
  })

  test('the same put again has the same tag and another version', async () => {
    const first = await put('c', 'x')
    const second = await put('c', 'x')
    expect(second.etag).toBe(first.etag)
    expect(await get('c', { etag: first.etag })).toEqual({ kind: 'unchanged', version: second.version })
    expect(second.version).not.toBe(first.version)
  })

  test('one that is too long is told, and not read', async () => {
    expect(await get('d', { text: 'x'.repeat(101) })).toMatchObject({ kind: 'too-long', length: 101 })
    expect(await get('d', { text: 'x'.repeat(100) })).toMatchObject({ kind: 'object' })
  })

  test('without the binding the answer says so', async () => {
    const unbound = await startWorkers([{ name: 'reader', modules: true, script, ...COMPATIBILITY }])
    expect(await get('a', {}, unbound)).toEqual({ kind: 'failed', detail: expect.stringContaining('OPERATOR_FILES') })
    await unbound.stop()
  })
})
