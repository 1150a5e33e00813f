/** Reads and writes the bucket of operators as the control Worker does, and tells what came of it. */
import { bucketOf } from '../../../durable-objects/bucket.ts'
import type { BucketCommand } from '../health/bucket-command.ts'

export default {
  async fetch(request: Request, { OPERATOR_FILES }: { readonly OPERATOR_FILES?: R2Bucket }): Promise<Response> {
    const { name, text, ...question } = (await request.json()) as BucketCommand
    const bucket = bucketOf(OPERATOR_FILES)
    if (text !== undefined) await bucket.put(name, text)
    return Response.json(await bucket.get(name, question))
  },
}
