import {Box} from 'ink';
import {Component, type ReactNode} from 'react';
import type {ScreenSize} from './painter.js';

interface GuardProps {
  readonly onError: (error: unknown) => void;
  readonly children: ReactNode;
}

/** Reports an error thrown during rendering instead of drawing it. */
class RenderGuard extends Component<GuardProps, {readonly hasFailed: boolean}> {
  override state = {hasFailed: false};

  static getDerivedStateFromError(): {readonly hasFailed: boolean} {
    return {hasFailed: true};
  }

  override componentDidCatch(error: unknown): void {
    this.props.onError(error);
  }

  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children;
  }
}

/** Root element, as large as the screen, so that a resize renders a new frame. */
export function RootElement({
  size,
  onError,
  children,
}: {
  readonly size: ScreenSize;
  readonly onError: (error: unknown) => void;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <RenderGuard onError={onError}>
      <Box width={size.columns} height={size.rows} flexDirection="column">
        {children}
      </Box>
    </RenderGuard>
  );
}
