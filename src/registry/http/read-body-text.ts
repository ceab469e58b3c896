/** Maximum size of a reply; for a cluster of thousands of nodes it is a few megabytes. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** Reads the body of a reply as text. Rejects with an Error if it is larger than the maximum after decompression. */
export async function readBodyText(response: Response, maxBytes = maxAnswerBytes): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`its answer is larger than ${maxBytes} bytes`); // also ends the request
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
}
