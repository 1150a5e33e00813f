/** The bucket that operators put files into, as vantages and the director need it. R2 is strongly consistent: what was put is read at once, everywhere. */
import type { Bytes } from '../config/units.ts'
import type { BucketAnswer } from './policy/bucket-answer.ts'

export interface Bucket {
  /** Never rejects; may hang, the caller bounds it. */
  readonly get: (name: string, question: BucketQuestion) => Promise<BucketAnswer>
  /** May reject or hang. */
  readonly put: (name: string, text: string) => Promise<void>
}

export interface BucketQuestion {
  /** Of the object that is held. */
  readonly etag?: string | undefined
  /** A longer one is not read. */
  readonly bytesMax: Bytes
}
