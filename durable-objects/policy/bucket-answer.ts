/** What the bucket that operators put files into says of one of them. */

export type BucketAnswer =
  | { readonly kind: 'missing' }
  /** What is there has the tag of what is held. The version is another one when it was put again. */
  | { readonly kind: 'unchanged'; readonly version: string }
  | { readonly kind: 'object'; readonly etag: string; readonly version: string; readonly text: string }
  | { readonly kind: 'too-long'; readonly etag: string; readonly version: string; readonly length: number }
  /** For people. */
  | { readonly kind: 'failed'; readonly detail: string }
