import {documentHeight, documentTop, shownLines} from '../layout/layout.js';
import {currentScreen, type State} from '../model/state.js';
import {
  dim,
  fitToWidth,
  type Line,
  line,
  type Pen,
  type Span,
  safeSpanText,
  widthOf,
  withTone,
} from '../text/line.js';

/** Draws a document: its title, its views, and as many lines as fit. */
export function documentView(state: State, pen: Pen): readonly Line[] {
  const {document, view = 0} = currentScreen(state);
  if (document === undefined) return [];
  const top = documentTop(state);
  const height = documentHeight(state);
  const lines = shownLines(state);
  const views = document.views.flatMap(({name}, at): Span[] => [
    at === view ? withTone('head', `[${name}]`) : dim(` ${name} `),
  ]);
  const last = Math.min(lines.length, top + height);
  const place = lines.length > height ? dim(`  ${top + 1}-${last}/${lines.length} `) : dim(' ');
  const right = line(...views, place);
  const room = Math.max(8, state.size.columns - widthOf(right, pen) - 1);
  const title = withTone('head', fitToWidth(` ${safeSpanText(document.title)}`, room, pen));
  return [
    line(title, ' ', ...right.spans),
    ...lines.slice(top, top + height).map((text) => line(' ', ...foundSpans(text, state.find))),
  ];
}

/** Highlights each match of the search text. */
function foundSpans(text: string, find: string): readonly Span[] {
  if (find === '') return [{text}];
  return text
    .split(find)
    .flatMap((part, at): Span[] => [...(at === 0 ? [] : [withTone('cursor', find)]), {text: part}])
    .filter((span) => span.text !== '');
}
