/** A cluster of thousands of nodes is a few megabytes. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** The body of an answer as text. Rejects with an Error when it is larger than any registry's, once expanded. */
export async function answerText(response: Response, maxBytes = maxAnswerBytes): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`its answer is larger than ${maxBytes} bytes`); // ends the request as well
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
}
