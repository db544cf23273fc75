// SPDX-License-Identifier: MIT
/** The default theme in the report's colours, without fonts of its own. */
import DefaultTheme from "vitepress/theme-without-fonts";
import "./site.css";

export default DefaultTheme;
