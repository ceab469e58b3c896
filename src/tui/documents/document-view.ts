import {currentDocumentLines, documentHeight, firstDocumentLine} from '../layout/screen-layout.js';
import {currentScreen, type State} from '../model/state.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  type Line,
  lineOf,
  type Span,
  safeSpanText,
  tonedSpan,
  widthOfLine,
} from '../text/line.js';

/** Draws a document: its title, its views, and as many lines as fit. */
export function documentView(state: State, style: DrawStyle): readonly Line[] {
  const {document, view = 0} = currentScreen(state);
  if (document === undefined) return [];
  const top = firstDocumentLine(state);
  const height = documentHeight(state);
  const lines = currentDocumentLines(state);
  const views = document.views.flatMap(({name}, at): Span[] => [
    at === view ? tonedSpan('head', `[${name}]`) : dimSpan(` ${name} `),
  ]);
  const last = Math.min(lines.length, top + height);
  const place = lines.length > height ? dimSpan(`  ${top + 1}-${last}/${lines.length} `) : dimSpan(' ');
  const right = lineOf(...views, place);
  const room = Math.max(8, state.size.columns - widthOfLine(right, style) - 1);
  const title = tonedSpan('head', fitToWidth(` ${safeSpanText(document.title)}`, room, style));
  return [
    lineOf(title, ' ', ...right.spans),
    ...lines.slice(top, top + height).map((text) => lineOf(' ', ...foundSpans(text, state.find))),
  ];
}

/** Highlights each match of the search text. */
function foundSpans(text: string, find: string): readonly Span[] {
  if (find === '') return [{text}];
  return text
    .split(find)
    .flatMap((part, at): Span[] => [...(at === 0 ? [] : [tonedSpan('cursor', find)]), {text: part}])
    .filter((span) => span.text !== '');
}
