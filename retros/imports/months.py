"""Names of months and weekdays as chats and logs write them, in English, German, French, Spanish, Italian, Portuguese and Dutch."""

_MONTHS = (
    "january jan januar jän januari janvier janv enero ene gennaio gen janeiro",
    "february feb februar februari février févr fevrier febrero febbraio febr fevereiro fev",
    "march mar märz mär maerz mrz maart mrt mars marzo março",
    "april apr avril avr abril abr aprile",
    "may mai mei mayo maggio mag maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug augustus août aout agosto ago",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_WEEKDAYS = {
    "monday": "mon montag mo lundi lun lunes lunedì lunedi maandag ma segunda",
    "tuesday": "tue tues dienstag di mardi martes martedì martedi dinsdag terça",
    "wednesday": "wed mittwoch mi mercredi mer miércoles miercoles mercoledì mercoledi woensdag wo quarta",
    "thursday": "thu thur thurs donnerstag do jeudi jeu jueves giovedì giovedi donderdag quinta",
    "friday": "fri freitag fr vendredi ven viernes venerdì venerdi vrijdag vr sexta",
    "saturday": "sat samstag sonnabend sa samedi sam sábado sabado sabato zaterdag za",
    "sunday": "sun sonntag so dimanche dim domingo domenica zondag zo",
}
WEEKDAYS = {name: day for day, names in _WEEKDAYS.items() for name in [day, *names.split()]}
WEEK = tuple(_WEEKDAYS)

RELATIVE = {
    "today": "today", "heute": "today", "hoy": "today", "oggi": "today", "vandaag": "today", "hoje": "today",
    "yesterday": "yesterday", "gestern": "yesterday", "hier": "yesterday", "ayer": "yesterday", "ieri": "yesterday",
    "gisteren": "yesterday", "ontem": "yesterday",
}  # fmt: skip
