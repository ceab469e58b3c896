/** Output of `gatectl help exit-codes`. */
export const exitCodesText = `Exit codes

  0         done and complete
  1         negative answer: not found, or refused by the gate
  2         usage or configuration error
  3         partial result: a gate did not answer, events were missed, or a record could not be read
            (with --allow-partial: 0 if at least one gate answered)
  4         not permitted: authentication, NATS or store permissions, read-only mode
  5         conflict: another write came first, or another process uses the file
  6         declined or aborted; nothing was sent
  7         outcome unknown: a write was sent but not answered
  8         unreachable: NATS, the registry or every gate
  9         undecodable data
  70        bug in gatectl
  74        output could not be written
  130, 143  ended by SIGINT, SIGTERM
  129, 131  ended by SIGHUP (a closed terminal), SIGQUIT
`;
