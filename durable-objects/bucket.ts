/** The real bucket of operators: what R2 says, as values. It decides nothing. */
import type { Bucket, BucketQuestion } from './bucket-port.ts'
import type { BucketAnswer } from './policy/bucket-answer.ts'

/** Longest text of a failure that is kept. */
const DETAIL_MAX = 160

/** `undefined`: the Worker was deployed without the binding. */
export function bucketOf(r2: R2Bucket | undefined): Bucket {
  if (r2 === undefined) return WITHOUT_BINDING
  return {
    get: (name, question) =>
      read(r2, name, question).catch((error): BucketAnswer => ({ kind: 'failed', detail: String(error).slice(0, DETAIL_MAX) })),
    put: async (name, text) => {
      await r2.put(name, text, { httpMetadata: { contentType: 'application/json' } })
    },
  }
}

const WITHOUT_BINDING: Bucket = {
  get: async () => ({ kind: 'failed', detail: 'the control Worker has no binding OPERATOR_FILES: run npm run deploy' }),
  put: () => Promise.reject(new Error('the control Worker has no binding OPERATOR_FILES')),
}

async function read(r2: R2Bucket, name: string, { etag: held, bytesMax }: BucketQuestion): Promise<BucketAnswer> {
  const object = await r2.get(name, held === undefined ? {} : { onlyIf: { etagDoesNotMatch: held } })
  if (object === null) return { kind: 'missing' }
  const { etag, version, size } = object
  if (!('body' in object) || object.body === undefined) return { kind: 'unchanged', version }
  if (size <= bytesMax) return { kind: 'object', etag, version, text: await object.text() }
  await object.body.cancel().catch(() => {})
  return { kind: 'too-long', etag, version, length: size }
}
