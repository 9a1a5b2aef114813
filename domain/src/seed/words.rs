//! What made-up names and titles are put together from.

/// Names and words that go together.
#[derive(Debug)]
pub struct Language {
    /// First names.
    pub first_names: &'static [&'static str],
    /// Last names.
    pub last_names: &'static [&'static str],
    /// What stands between a first and a last name.
    pub between_names: &'static str,
    /// Beginnings of titles.
    pub openings: &'static [&'static str],
    /// Ends of titles.
    pub closings: &'static [&'static str],
    /// What stands between a title's beginning and end.
    pub between_words: &'static str,
}

/// Alphabets of one, two, three and four bytes a letter, written both ways.
pub const LANGUAGES: &[Language] = &[
    Language {
        first_names: &[
            "Ada", "Brendan", "Clara", "Dmitri", "Edith", "Felix", "Grace", "Hugo", "Irene",
            "James", "Kathleen", "Leonard", "Miriam", "Nora", "Oscar", "Penelope", "Quentin",
            "Rosalind", "Samuel", "Theodora", "Ursula", "Victor", "Winifred", "Xavier", "Yvonne",
        ],
        last_names: &[
            "Ashworth", "Blackwood", "Carver", "Dunmore", "Ellery", "Fairbanks", "Greenhalgh",
            "Holloway", "Ingram", "Jarvis", "Kettering", "Lockhart", "Merriweather", "Northcott",
            "O'Hara", "Pemberton", "Quillfeather", "Ravenscroft", "Sinclair", "Thackery",
            "Underhill", "Vance", "Whitlock", "Yardley", "Zimmer-Brown",
        ],
        between_names: " ",
        openings: &[
            "The Silent", "A Brief History of", "Notes on", "The Last", "Beyond", "In Search of",
            "The Secret Life of", "Letters from", "The Art of", "Return to", "An Atlas of",
            "The Weight of", "Principles of", "A Field Guide to", "The Memory of", "Songs of",
        ],
        closings: &[
            "Harbours", "Mathematics", "the Lighthouse", "Rivers", "Glass", "Small Towns",
            "the Northern Sea", "Bread", "Clockwork", "Winter", "Distant Stars", "Memory",
            "Forgotten Gardens", "Machines", "the Orchard", "Paper", "Foxes", "the Archive",
        ],
        between_words: " ",
    },
    Language {
        first_names: &[
            "Анна", "Борис", "Вера", "Григорий", "Дарья", "Евгений", "Зинаида", "Иван", "Ксения",
            "Лев", "Марина", "Николай", "Ольга", "Пётр", "Раиса", "Сергей", "Татьяна", "Фёдор",
        ],
        last_names: &[
            "Белова", "Воронцов", "Гончар", "Дубровин", "Ёлкин", "Жуковский", "Зимина", "Истомин",
            "Климова", "Лебедь", "Морозова", "Нечаев", "Орлова", "Полевой", "Родионов", "Соколик",
        ],
        between_names: " ",
        openings: &[
            "Последний", "Тихий", "Северный", "Забытый", "Старый", "Далёкий", "Мастер и",
            "История про", "Записки про", "Ещё раз про", "Город и", "Сказка про",
        ],
        closings: &[
            "берег", "мост", "поезд", "снег", "ветер", "сад", "маяк", "архив", "часовой механизм",
            "хлеб", "зимний вечер", "парус", "дождь", "фонарь",
        ],
        between_words: " ",
    },
    Language {
        first_names: &[
            "Élodie", "Jürgen", "Søren", "Åsa", "Łukasz", "Čeněk", "Zoë", "Núria", "João", "Ştefan",
            "Győző", "Þóra", "Chloé", "Günther", "Małgorzata", "Iñigo",
        ],
        last_names: &[
            "Lefèvre", "Müller-Groß", "Kjærgaard", "Ångström", "Wiśniewska", "Dvořák", "Muñoz",
            "Gonçalves", "Ionaș", "Kőszegi", "Þórsdóttir", "Beauséjour", "Schäfer", "Bjørnson",
        ],
        between_names: " ",
        openings: &[
            "L'été de", "Über", "Die Kunst der", "Breve história de", "Om", "Příběh o", "Życie i",
            "El último", "Der Garten und", "La mémoire de",
        ],
        closings: &[
            "Schönheit", "l'océan", "pão e vinho", "größere Wälder", "stjärnor", "źródła",
            "řeka", "año nuevo", "Straßen", "naïveté", "fjord", "cœur",
        ],
        between_words: " ",
    },
    Language {
        first_names: &["明", "花子", "健太", "美咲", "子轩", "雨桐", "思远", "直樹", "さくら"],
        last_names: &["山田", "佐藤", "鈴木", "高橋", "王", "李", "欧阳", "司马", "井上"],
        between_names: "",
        openings: &["静かな", "最後の", "北の", "遥远的", "失われた", "小さな", "夜の", "無名の"],
        closings: &["港", "図書館", "星空", "時計", "庭", "列車", "記憶", "河流", "灯台", "紙"],
        between_words: "",
    },
    Language {
        first_names: &["Ελένη", "Γιώργος", "Σοφία", "Νίκος", "ليلى", "يوسف", "רחל", "אביגיל"],
        last_names: &["Παπαδοπούλου", "Καζαντζής", "Ιωάννου", "الحسن", "النجار", "לוי", "פרידמן"],
        between_names: " ",
        openings: &["Η θάλασσα και", "Το τελευταίο", "مدينة", "حكاية", "ספר", "📚 Το βιβλίο"],
        closings: &["το φως", "καλοκαίρι", "الريح", "البحر", "הזיכרון", "הרוח", "η σιωπή"],
        between_words: " ",
    },
];
