/** Output of `gatectl help exit-codes`. */
export const exitCodesText = `Exit codes

  0         done and complete
  1         the answer is no: not found, refused by the gate
  2         usage or configuration
  3         partial: a gate did not answer, events were missed, or a record could not be read
            (--allow-partial makes it 0 where a gate answered)
  4         not permitted: authentication, NATS and store permissions, read-only
  5         conflict: another write came first, or another process uses the file
  6         declined or aborted; nothing was sent
  7         outcome unknown: a write was sent and its answer never came
  8         unreachable: NATS, the registry or every gate
  9         undecodable data
  70        a bug of gatectl
  74        output could not be written
  130, 143  ended by SIGINT, SIGTERM
  129, 131  ended by SIGHUP (a closed terminal), SIGQUIT
`;
