"""The look of Qt's widgets, made of the same theme as the pictures."""

from PySide6.QtGui import QColor, QFont, QPalette

from viewer.gl.theme import SPACE_PX, TEXT_PX, TITLE_PX
from viewer.resources import find

SHEET = """
* {{ font-size: {text_px}px; color: {text}; }}
QMainWindow, QDialog {{ background: {window}; }}
QMainWindow::separator {{ background: {window}; width: 7px; height: 7px; }}
QMainWindow::separator:hover {{ background: {line}; }}
QDockWidget {{ border: none; }}
QDockWidget[floating="true"] {{ border: 1px solid {line}; background: {window}; }}
QWidget#pane, QWidget#bar, QScrollArea, QScrollArea > QWidget > QWidget {{ background: {panel}; }}
QWidget#title {{ background: {panel}; border-bottom: 1px solid {line}; }}
QWidget#title[focused="true"] {{ border-bottom: 1px solid {accent}; }}
QLabel {{ background: transparent; }}
QLabel#heading {{ font-size: {title_px}px; }}
QLabel[dim="true"] {{ color: {dim}; }}
QLabel[warn="true"] {{ color: {warn}; }}
QLabel[alarm="true"] {{ color: {alarm}; }}

QMenuBar {{ background: {window}; padding: 2px 4px; }}
QMenuBar::item {{ background: transparent; padding: 4px 10px; border-radius: 3px; }}
QMenuBar::item:selected {{ background: {line}; }}
QMenu {{ background: {panel}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 22px; border-radius: 3px; }}
QMenu::item:selected {{ background: {line}; }}
QMenu::item:disabled {{ color: {dim}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 6px; }}
QMenu::indicator {{ width: 12px; height: 12px; left: 6px; }}

QPushButton {{ background: {raised}; border: 1px solid {line}; border-radius: 3px;
    padding: 3px 10px; min-height: 18px; }}
QPushButton:hover {{ border-color: {dim}; }}
QPushButton:pressed, QPushButton:checked {{ background: {line}; border-color: {dim}; }}
QPushButton:disabled {{ color: {dim}; }}
QPushButton:default, QPushButton[primary="true"] {{ border-color: {accent}; color: {accent}; }}
QPushButton[flat="true"] {{ background: transparent; border: none; color: {dim};
    padding: 2px 6px; min-height: 14px; }}
QPushButton[flat="true"]:hover {{ color: {text}; }}
QPushButton[flat="true"]:checked {{ color: {text}; background: {line}; }}
*:focus {{ outline: none; }}
QPushButton:focus, QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
    border-color: {accent}; }}

QPushButton[flat="true"]:focus {{ color: {accent}; }}
QCheckBox:focus {{ color: {accent}; }}
QSlider::handle:horizontal:focus {{ background: {accent}; }}
QTabBar::tab:focus {{ color: {accent}; }}

QLineEdit, QAbstractSpinBox, QComboBox {{ background: {window}; border: 1px solid {line};
    border-radius: 3px; padding: 2px 6px; min-height: 18px;
    selection-background-color: {accent}; selection-color: {window}; }}
QComboBox::drop-down {{ border: none; width: 16px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: 8px; height: 5px; margin-right: 8px; }}
QComboBox QAbstractItemView {{ background: {panel}; border: 1px solid {line};
    selection-background-color: {line}; selection-color: {text}; outline: none; }}
QCheckBox {{ spacing: 6px; background: transparent; }}
QCheckBox::indicator {{ width: 12px; height: 12px; border: 1px solid {dim}; border-radius: 2px;
    background: {window}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; }}

QSlider {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 2px; background: {line}; }}
QSlider::sub-page:horizontal {{ background: {dim}; height: 2px; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -4px 0; border-radius: 5px;
    background: {text}; }}
QSlider::handle:horizontal:hover {{ background: {accent}; }}

QProgressBar {{ background: {line}; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}

QAbstractItemView {{ background: {panel}; border: none; outline: none;
    alternate-background-color: {panel}; }}
QScrollArea {{ border: none; }}
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {line}; border-radius: 3px; margin: 2px; min-height: 24px;
    min-width: 24px; }}
QScrollBar::handle:hover {{ background: {dim}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; border: none; width: 0; height: 0; }}

QTabBar {{ background: {window}; qproperty-drawBase: 0; qproperty-elideMode: ElideNone;
    qproperty-usesScrollButtons: true; }}
QTabBar::tab {{ background: {window}; color: {dim}; padding: 5px 9px; border: none;
    border-top: 2px solid transparent; }}
QTabBar::tab:selected {{ background: {panel}; color: {text}; border-top-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar QToolButton {{ background: {window}; border: none; }}
QTabBar::tear {{ width: 0; border: none; image: none; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QToolTip {{ background: {panel}; color: {text}; border: 1px solid {line}; padding: 4px 6px; }}
QWidget#notice {{ background: {raised}; border-bottom: 1px solid {line}; }}
QWidget#banner {{ background: {raised}; border: 1px solid {line}; border-radius: 3px; }}
QWidget#status {{ background: {window}; border-top: 1px solid {line}; min-height: 25px; }}
QSplitter::handle {{ background: {line}; height: 1px; width: 1px; }}
QFrame#sheet {{ background: {panel}; border: 1px solid {line}; border-radius: 4px; }}
QLineEdit#query {{ border: none; background: {panel}; padding: 4px {space}px; }}
QFrame#sheet QListView, QFrame#sheet QScrollArea {{ background: {panel}; }}
QFrame#rule {{ background: {line}; max-height: 1px; min-height: 1px; border: none; }}
"""

WARN = {"dark": "#e5b567", "light": "#96610a"}
ALARM = {"dark": "#f0606a", "light": "#c0202c"}
RAISED = {"dark": "#252932", "light": "#eef0f3"}


def sheet(theme, scale=1.0):
    """The style sheet of a theme, text larger by ``scale``."""
    return SHEET.format(
        text_px=round(TEXT_PX * scale),
        title_px=round(TITLE_PX * scale),
        space=SPACE_PX,
        arrow=find(f"viewer/qt/arrow_{theme.name}.svg").as_posix(),
        warn=WARN[theme.name],
        alarm=ALARM[theme.name],
        raised=RAISED[theme.name],
        **{
            name: getattr(theme, name)
            for name in ("window", "panel", "line", "text", "dim", "accent")
        },
    )


def palette(theme):
    """The palette for what a style sheet does not reach."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.panel,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.dim,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.window,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        made.setColor(disabled, role, QColor(theme.dim))
    return made


def tabular(font):
    """The same font with figures of one width, so that numbers do not dance."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def apply(application, theme, scale=1.0):
    """Give the whole program a theme, and text larger by ``scale``."""
    application.setPalette(palette(theme))
    application.setStyleSheet(sheet(theme, scale))


MARGIN = SPACE_PX
