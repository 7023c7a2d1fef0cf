// One renderer for each type of interactive element.

import { unknown } from "../blocks/index.js";
import { picture } from "../blocks/image.js";
import { drawButton, drawFeedback, drawIconButton } from "./buttons.js";
import { drawCheckboxes, drawRadios } from "./choices.js";
import { drawOverflow } from "./overflow.js";
import { drawDate, drawMoment, drawTime } from "./pickers.js";
import { drawSearched } from "./searched.js";
import { drawSource, drawStatic } from "./selects.js";
import { drawFile, drawNumber, drawRich, drawText } from "./texts.js";

export const ELEMENTS = {
  button: drawButton,
  channels_select: drawSource,
  checkboxes: drawCheckboxes,
  conversations_select: drawSource,
  datepicker: drawDate,
  datetimepicker: drawMoment,
  email_text_input: drawText,
  external_select: drawSearched,
  feedback_buttons: drawFeedback,
  file_input: drawFile,
  icon_button: drawIconButton,
  image: picture,
  multi_channels_select: drawSource,
  multi_conversations_select: drawSource,
  multi_external_select: drawSearched,
  multi_static_select: drawStatic,
  multi_users_select: drawSource,
  number_input: drawNumber,
  overflow: drawOverflow,
  plain_text_input: drawText,
  radio_buttons: drawRadios,
  rich_text_input: drawRich,
  static_select: drawStatic,
  timepicker: drawTime,
  url_text_input: drawText,
  users_select: drawSource,
  workflow_button: drawButton,
};

export function drawElement(element, block, place) {
  const draw = ELEMENTS[element?.type];
  if (!draw) return unknown(`element “${element?.type}”`, element);
  const drawn = draw(element, block, place);
  drawn.classList.add("element", `element-${element.type}`);
  return drawn;
}
