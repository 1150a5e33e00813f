/** A Worker that answers by itself: the floor that a request and a start cost in the runtime. */
export default {
  fetch: (): Response => new Response('empty'),
}
