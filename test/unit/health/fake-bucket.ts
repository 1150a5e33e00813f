/** The bucket of operators in virtual time: consistent, with the tags of R2 (a hash of the content), and unreadable where and when a test says so. */
import { createHash } from 'node:crypto'
import type { Bucket } from '../../../durable-objects/bucket-port.ts'
import type { BucketAnswer } from '../../../durable-objects/policy/bucket-answer.ts'

interface Held {
  readonly text: string
  readonly version: string
}

export class FakeBucket {
  readonly objects = new Map<string, Held>()
  /** Who cannot read it; `*`: nobody can. */
  readonly unreadableFor = new Set<string>()
  unwritable = false
  /** Reads by name, whatever they found. */
  readonly reads = new Map<string, number>()
  #versions = 0

  put(name: string, content: unknown): string {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    this.#versions += 1
    this.objects.set(name, { text, version: `v${this.#versions}` })
    return etagOf(text)
  }

  remove(name: string): void {
    this.objects.delete(name)
  }

  read<T>(name: string): T | undefined {
    const held = this.objects.get(name)
    return held === undefined ? undefined : (JSON.parse(held.text) as T)
  }

  seenBy(reader: string): Bucket {
    const isUnreadable = (): boolean => this.unreadableFor.has('*') || this.unreadableFor.has(reader)
    return {
      get: async (name, { etag: held, bytesMax }): Promise<BucketAnswer> => {
        this.reads.set(name, (this.reads.get(name) ?? 0) + 1)
        if (isUnreadable()) return { kind: 'failed', detail: 'the bucket is on fire' }
        const object = this.objects.get(name)
        if (object === undefined) return { kind: 'missing' }
        const [etag, { text, version }] = [etagOf(object.text), object]
        if (etag === held) return { kind: 'unchanged', version }
        return text.length > bytesMax ? { kind: 'too-long', etag, version, length: text.length } : { kind: 'object', etag, version, text }
      },
      put: async (name, text) => {
        if (isUnreadable() || this.unwritable) throw new Error('the bucket is on fire')
        this.put(name, text)
      },
    }
  }
}

const etagOf = (text: string): string => createHash('md5').update(text).digest('hex')
