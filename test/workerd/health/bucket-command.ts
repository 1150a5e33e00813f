/** What the test of the bucket asks its Worker. */
import type { BucketQuestion } from '../../../durable-objects/bucket-port.ts'

export interface BucketCommand extends BucketQuestion {
  readonly name: string
  /** What is put before it is read. */
  readonly text?: string
}
