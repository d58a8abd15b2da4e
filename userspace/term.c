// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "term.h"

bool term_has_colour(FILE *fp)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && *term && strcmp(term, "dumb") && isatty(fileno(fp));
}

int term_width(FILE *fp)
{
	struct winsize ws;

	if (ioctl(fileno(fp), TIOCGWINSZ, &ws) || !ws.ws_col)
		return 80;
	return ws.ws_col > 80 ? 80 : ws.ws_col < 40 ? 40 : ws.ws_col;
}

const char *term_colour(bool on, enum colour c)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m", [BOLD] = "\033[1m", [DIM] = "\033[2m", [RED] = "\033[31m",
		[GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m",
	};

	return on ? codes[c] : "";
}

void term_hang(FILE *fp, int width, int indent, const char *text)
{
	int column = indent;

	while (*(text += strspn(text, " \n"))) {
		int len = (int)strcspn(text, " \n");

		if (column > indent && column + 1 + len > width) {
			fprintf(fp, "\n%*s", indent, "");
			column = indent;
		}
		column += fprintf(fp, "%s%.*s", column > indent ? " " : "", len, text);
		text += len;
	}
	fputc('\n', fp);
}

void term_wrap(FILE *fp, int width, int indent, const char *text)
{
	fprintf(fp, "%*s", indent, "");
	term_hang(fp, width, indent, text);
}
