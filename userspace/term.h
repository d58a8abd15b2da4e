/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal: colour only where it is wanted, lines no wider than it is. */
#ifndef MMBOX_TERM_H
#define MMBOX_TERM_H

#include <stdbool.h>
#include <stdio.h>

enum colour { PLAIN, BOLD, DIM, RED, GREEN, YELLOW, CYAN };

/* Whether to colour @fp: a terminal that can, and NO_COLOR is not set. */
bool term_has_colour(FILE *fp);

/* Columns to write in: those of the terminal, but 40 to 80; 80 in a pipe. */
int term_width(FILE *fp);

/* Escape sequence that begins @c, or "" if @on is false; PLAIN ends it. */
const char *term_colour(bool on, enum colour c);

/* Print @text in lines of at most @width columns. */
void term_wrap(FILE *fp, int width, int indent, const char *text);
/* The same where the first line is already @indent columns wide. */
void term_hang(FILE *fp, int width, int indent, const char *text);

#endif /* MMBOX_TERM_H */
