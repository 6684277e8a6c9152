"""What residents of the invented year want to do, when they ask, and what becomes of it."""

from typing import Final

from deploy.sample.people import Idea, Reader, Resident

AYSE: Final = Resident(
    "Ayşe Demirtaş", "ayse.demirtas@example.org", "de", "Dessauer Straße 18",
    "DE89370400440532013000", "05361 100118",
)  # fmt: skip
OMAR: Final = Resident(
    "عمر الحسن", "omar.alhassan@example.org", "ar", "Hallesche Straße 40",
    "DE02120300000000202051", "0151 10011240",
)  # fmt: skip
OLENA: Final = Resident(
    "Olena Kovalenko",
    "olena.kovalenko@example.org",
    "en",
    "Jenaer Straße 7",
    "DE02500105170137075030",
)
KLAUS: Final = Resident(
    "Klaus-Dieter Brinkmann", "kd.brinkmann@example.org", "de", "Stralsunder Ring 3",
    "DE02100500000054540402", "05361 100133",
)  # fmt: skip
NADIA: Final = Resident(
    "Nadia Belhadj",
    "nadia.belhadj@example.org",
    "de",
    "Weimarer Straße 22",
    "DE02300209000106531065",
)
PIOTR: Final = Resident(
    "Piotr Zieliński", "piotr.zielinski@example.org", "en", "Erfurter Ring 9",
    "DE02200505501015871393", "0160 10011250",
)  # fmt: skip
GARDEN: Final = Resident(
    "Gartenfreunde Westhagen", "garten@example.org", "de", "Frankfurter Straße 1",
    "DE02100100100006820101", "05361 100155", group="Ingrid Möller",
)  # fmt: skip
CHOIR: Final = Resident(
    "Chor der Kulturen", "chor@example.org", "de", "Marktplatz 2", "DE02300606010002474689",
    group="Tomás Ferreira",
)  # fmt: skip
LEYLA: Final = Resident(
    "ليلى منصور", "leyla.mansour@example.org", "ar", "Rostocker Straße 15", "DE02600501010002034304"
)

IDEAS: Final = (
    Idea(
        CHOIR, 318, "Singen im Innenhof", "Nachbarinnen und Nachbarn lernen sich beim Singen kennen.",
        "An vier Abenden singen wir im Hof Lieder aus zehn Ländern. Zum Schluss gibt es ein kleines Konzert.",
        "Alle im Quartier, ohne Anmeldung", "Der Innenhof wird wieder ein Treffpunkt.",
        "encounter", "Innenhof Dessauer Straße",
        (("Noten und Kopien", 18_000), ("Leihgebühr Lautsprecher", 24_000)), 35_000,
        (("own_work", "Aufbau und Abbau", 7_000),),
    ),
    Idea(
        KLAUS, 300, "Repair-Café im Stadtteilbüro", "Kaputtes reparieren statt wegwerfen.",
        "Einmal im Monat helfen vier Freiwillige beim Reparieren von Lampen, Toastern und Fahrrädern.",
        "Menschen mit wenig Geld und alle, die Dinge gern behalten", "Weniger Müll und mehr Gespräche.",
        "building", "Stadtteilbüro",
        (("Werkzeug", 42_000), ("Prüfgerät", 19_500)), 55_000,
        (("third_party", "Spende Baumarkt", 6_500),), files=("angebot",),
    ),
    Idea(
        OMAR, 214, "دورة دراجات للنساء", "تتعلم النساء ركوب الدراجة بأمان.",
        "عشر حصص في ساحة المدرسة مع مدربتين. الدراجات مستعارة من نادي الدراجات.",
        "نساء من الحي من كل الأعمار", "حركة أكثر واستقلال أكثر في الحياة اليومية.",
        "qualification", "Schulhof Hallesche Straße",
        (("Trainerinnen", 60_000), ("Helme", 15_000)), 65_000, (("income", "Teilnahme", 10_000),),
        files=("plan",),
    ),
    Idea(
        AYSE, 205, "Lesepaten für die Grundschule", "Kinder lesen mit Erwachsenen in zwei Sprachen.",
        "Zwölf Lesepatinnen und Lesepaten kommen jede Woche für eine Stunde in die Schule.",
        "Kinder der Klassen 1 bis 4", "Kinder lesen besser, Familien und Schule kennen sich.",
        "education", "Regenbogenschule",
        (("Zweisprachige Bücher", 48_000), ("Dankeschön-Abend", 9_000)), 48_000,
        (("own_money", "Förderverein", 9_000),), newsletter=True,
    ),
    Idea(
        PIOTR, 196, "Basketball under the lights", "Young people have a place to be in the evening.",
        "We repair two hoops, paint the court and play every Friday with volunteers from the club.",
        "Young people from 12 to 20", "Fewer quarrels in the car park, more sport.",
        "encounter", "Bolzplatz Erfurter Ring",
        (("Hoops and nets", 38_000), ("Paint", 12_500)), 50_500,
    ),
    Idea(
        NADIA, 150, "Nähstube International", "Nähen lernen, Deutsch sprechen, Kleidung retten.",
        "Acht Nachmittage mit geliehenen Nähmaschinen. Am Ende steht eine kleine Modenschau.",
        "Frauen und Männer mit und ohne Erfahrung", "Wer näht, redet: auch über Ämter und Schule.",
        "qualification", "Gemeindehaus",
        (("Stoffe und Garn", 21_000), ("Miete Nähmaschinen", 32_000)), 53_000, fate="withdrawn",
    ),
    Idea(
        GARDEN, 118, "Hochbeete am Einkaufszentrum", "Gemüse für alle, mitten im Quartier.",
        "Wir bauen sechs Hochbeete, zwei davon in Rollstuhlhöhe, und gießen nach einem Plan.",
        "Familien, Ältere, Schulklassen", "Ein grauer Platz wird grün.",
        "building", "Platz vor dem Einkaufszentrum",
        (("Holz", 64_000), ("Erde und Pflanzen", 28_000), ("Gießkannen", 6_000)), 80_000,
        (("own_work", "Bauen an zwei Samstagen", 18_000),), files=("plan", "angebot"), newsletter=True,
    ),
    Idea(
        OLENA, 92, "Neighbours cook", "People meet over food from home.",
        "Once a month two families cook for forty people. Recipes become a booklet.",
        "Everyone, especially newcomers", "People who live next door finally talk.",
        "encounter", "Mehrgenerationenhaus",
        (("Pots, plates and cups", 45_000), ("Booklet", 22_000)), 60_000,
        (("income", "Donations", 7_000),),
    ),
    Idea(
        KLAUS, 46, "Bänke für den Westhagener Weg", "Ältere können sich auf dem Weg ausruhen.",
        "Drei Bänke mit Armlehnen zwischen Haltestelle und Ärztehaus, aufgestellt mit der Stadt.",
        "Ältere Menschen, Menschen mit Gehhilfe, Eltern", "Mehr Menschen gehen zu Fuß.",
        "image", "Westhagener Weg",
        (("Drei Bänke", 210_000), ("Fundamente", 45_000)), 180_000,
        (("third_party", "Wohnungsgesellschaft", 75_000),), files=("angebot",),
        starts_in=100,
    ),
    Idea(
        LEYLA, 31, "نادي الواجبات المدرسية", "يحصل الأطفال على مساعدة في الواجبات ثلاث مرات في الأسبوع.",
        "طالبات من الجامعة يساعدن خمسة عشر طفلاً بعد المدرسة في غرفة هادئة.",
        "أطفال من الصف الخامس إلى الثامن", "درجات أفضل وضغط أقل في البيت.",
        "education", "Stadtteilbüro",
        (("Aufwandsentschädigung", 72_000), ("Material", 8_000)), 76_000,
        (("own_rooms", "Raum des Vereins", 4_000),), starts_in=85,
    ),
    Idea(
        AYSE, 12, "Erzählfenster im Quartier", "Jeden Abend öffnet sich ein Fenster mit einer Geschichte.",
        "24 Familien schmücken ein Fenster und laden für eine halbe Stunde auf den Gehweg ein.",
        "Alle, die im Dunkeln nicht allein sein wollen", "Vierundzwanzig neue Bekanntschaften.",
        "encounter", "Ganz Westhagen",
        (("Lichterketten", 24_000), ("Tee und Becher", 12_000)), 36_000, files=("plan",),
        starts_in=40, lasts=14,
    ),
    Idea(
        PIOTR, 6, "Bike repair station", "A pump and tools that are always there.",
        "A steel post with tools at the underpass, looked after by the bicycle group.",
        "Everyone who cycles", "More people get to work by bicycle.",
        "building", "Unterführung Jenaer Straße",
        (("Station", 98_000), ("Installation", 30_000)), 110_000,
        (("third_party", "Bicycle club", 18_000),), starts_in=50, lasts=7,
    ),
    Idea(
        NADIA, 3, "Nähstube, zweiter Anlauf", "", "", "", "", "qualification", "Gemeindehaus",
        (("Stoffe und Garn", 21_000),), 21_000, fate="draft",
    ),
    Idea(
        OLENA, 1, "Story evenings in five languages", "People tell where they come from.", "", "", "",
        "encounter", "Stadtteilbüro", (), 0, fate="draft",
    ),
)  # fmt: skip

READERS: Final = (
    Reader("Mehmet Aydın", "mehmet.aydin@westhagen.example", "de", ("sessions", "newsletter"), 325),
    Reader("Ingrid Möller", "ingrid.moeller@example.org", "de", ("sessions", "newsletter"), 290),
    Reader("Samira Nasser", "samira.nasser@example.org", "ar", ("sessions", "newsletter"), 240),
    Reader("Daniel Okafor", "daniel.okafor@example.org", "en", ("sessions",), 200),
    Reader("Gisela Brandt", "gisela.brandt@example.org", "de", ("newsletter",), 170, True, 60),
    Reader("Tippfehler", "tippfeler@example.org", "de", ("sessions",), 90, False),
    Reader(
        "Redaktion Westhagen-Blatt", "redaktion@blatt.example", "de", ("newsletter", "sessions"), 80
    ),
    Reader("Li Wei", "li.wei@example.org", "en", ("newsletter", "sessions"), 20),
)
