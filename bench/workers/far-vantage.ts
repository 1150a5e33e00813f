/** The door of the control Worker's process: calls the vantage that is named, for `near-vantage.ts` in another process. */

interface Environment {
  readonly VANTAGE: DurableObjectNamespace
}

export default {
  async fetch(request, { VANTAGE }) {
    const { method, args } = (await request.json()) as { method: string; args: [self: string, ...rest: unknown[]] }
    const vantage = VANTAGE.get(VANTAGE.idFromName(args[0])) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const value = await vantage[method]?.(...args)
    return Response.json({ value })
  },
} satisfies ExportedHandler<Environment>
