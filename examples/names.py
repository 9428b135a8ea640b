"""Lists of names for people.py, each with the ways German offices write it down.

The first spelling is the usual one. The lists hold only names of very many people, and every
combination is left to chance.
"""

from __future__ import annotations

from typing import Final

Spellings = tuple[str, ...]


def _read_names(text: str) -> tuple[Spellings, ...]:
    return tuple(tuple(name.split("/")) for name in text.split())


ORIGIN: Final = {
    "Syrien": "arabic",
    "Irak": "arabic",
    "Palästina": "arabic",
    "staatenlos": "arabic",
    "Afghanistan": "persian",
    "Iran": "persian",
    "Türkei": "turkish",
    "Eritrea": "tigrinya",
    "Ukraine": "ukrainian",
    "Gambia": "west_african",
    "Nigeria": "west_african",
    "Kamerun": "west_african",
    "Somalia": "somali",
}
LANGUAGE: Final = {
    "arabic": "Arabisch",
    "persian": "Dari",
    "turkish": "Türkisch",
    "tigrinya": "Tigrinya",
    "ukrainian": "Ukrainisch",
    "west_african": "Englisch",
    "somali": "Somali",
}
LAST: Final = {
    "arabic": _read_names(
        "Al-Masri/Almasri/El-Masri Haddad/Hadad Khoury/Khouri/Churi Sabbagh/Sabagh/Sabbag "
        "Najjar/Nadschar/Najar Al-Halabi/Alhalabi/Halabi Qabbani/Kabbani Zaytoun/Zaitoun/Seitun "
        "Shaheen/Shahin/Schahin Darwish/Darwisch Al-Khatib/Alkhatib/Chatib Barakat/Barakaat "
        "Hamdan/Hamdaan Jaber/Dschaber Saleh/Salih Tahan/Tahhan Mansour/Mansur "
        "Al-Jabouri/Aldschaburi/Jabouri Rashid/Raschid Osman/Othman/Uthman"
    ),
    "persian": _read_names(
        "Ahmadi/Ahmadie Rahimi/Rahimy Hosseini/Husseini/Hussaini Mohammadi/Muhammadi/Mohammady "
        "Karimi/Karimy Nazari/Nasari/Nazary Akbari/Akbary Rezai/Rezaei/Resai Safi/Safy "
        "Wardak/Vardak Haidari/Heidari/Haydari Jafari/Dschafari/Jaafari Noori/Nuri "
        "Sharifi/Scharifi/Sharify Yousufi/Yusufi/Jusufi Amiri/Amiry"
    ),
    "turkish": _read_names(
        "Yıldırım/Yildirim Şahin/Sahin Öztürk/Oeztuerk/Ozturk Çelik/Celik Doğan/Dogan "
        "Kılıç/Kilic Aydın/Aydin Demir Koç/Koc Güneş/Günes Bozan Heval/Hewal Rojava/Rodschawa"
    ),
    "tigrinya": _read_names(
        "Tesfay/Tesfai Gebremedhin/Ghebremedhin Haile/Hayle Mehari/Mehary Kidane/Kidanne "
        "Tekle/Teklay Berhane/Berhanne Woldu/Weldu Habte/Habtay Ghebru/Gebru"
    ),
    "ukrainian": _read_names(
        "Kovalenko/Kowalenko Shevchenko/Schewtschenko Bondarenko Tkachenko/Tkatschenko "
        "Kravchuk/Krawtschuk Melnyk/Melnik Oliinyk/Olijnyk/Oliynyk Lysenko/Lyssenko "
        "Savchuk/Sawtschuk Marchenko/Martschenko"
    ),
    "west_african": _read_names(
        "Jallow/Diallo/Dschallow Ceesay/Sesay/Cissé Touray/Touré/Turay Bah/Ba Sanneh/Sané "
        "Okoro/Okoroh Adeyemi/Adeyemy Njoya/Ndjoya Mbarga/Barga Camara/Kamara Danso/Dansoh"
    ),
    "somali": _read_names(
        "Abdi/Cabdi Warsame/Warsama Farah/Faarax Hersi/Xirsi Jama/Dschama Nuur/Nur Mohamud/Maxamuud"
    ),
}
MEN: Final = {
    "arabic": _read_names(
        "Mohammed/Muhammad/Mohamad Ahmad/Ahmed Khaled/Khalid/Chaled Omar/Umar "
        "Youssef/Yusuf/Jussef Mahmoud/Mahmud Samir/Sameer Bassam/Basem Hussein/Hussain/Hosein "
        "Abdullah/Abdallah Tarek/Tariq Anas/Annas Ziad/Ziyad Bilal/Bilaal"
    ),
    "persian": _read_names(
        "Reza/Resa Ali/Aly Mohammad/Mohammed Hamid/Hameed Jawad/Dschawad/Javad Farid/Fareed "
        "Omid/Umid Navid/Nawid Mustafa/Mostafa Ehsan/Ihsan Zabihullah/Sabihullah Karim/Kareem "
        "Mahdi/Mehdi"
    ),
    "turkish": _read_names(
        "Mehmet/Mehmed Yiğit/Yigit Ömer/Omer/Oemer Baran Serhat İsmail/Ismail Emre Kemal "
        "Şivan/Sivan Azad/Asad"
    ),
    "tigrinya": _read_names(
        "Samuel/Samiel Yonas/Jonas Filmon/Philmon Dawit/Dawid Bereket/Bereketh Abel "
        "Michael/Mikael Isaias/Esayas"
    ),
    "ukrainian": _read_names(
        "Oleksandr/Olexander Andrii/Andrij/Andriy Serhii/Serhij/Sergiy Dmytro/Dmitro Ivan/Iwan "
        "Yurii/Jurij"
    ),
    "west_african": _read_names(
        "Lamin/Lamine Ousman/Usman Ebrima/Ibrahima Momodou/Mamadou Alagie/Alhagie Emeka/Emeca "
        "Samba Modou/Modu"
    ),
    "somali": _read_names(
        "Hassan/Xasan Abdirahman/Cabdiraxmaan Ahmed/Axmed Yusuf/Yuusuf Ismail/Ismaaciil "
        "Liban/Liibaan"
    ),
}
WOMEN: Final = {
    "arabic": _read_names(
        "Fatima/Fatma/Fatimah Maryam/Mariam/Mariem Amina/Aminah Noura/Nura Rasha/Rascha "
        "Layla/Laila/Leila Hanan/Hanaan Samira/Sameera Zainab/Zeinab/Zeynab Khadija/Chadidscha "
        "Yasmin/Jasmin Hala/Halla"
    ),
    "persian": _read_names(
        "Zahra/Sahra Fatima/Fatema Maryam/Mariam Laila/Leyla Shabnam/Schabnam Parwana/Parvana "
        "Masuma/Massuma Zohra/Sohra"
    ),
    "turkish": _read_names(
        "Ayşe/Ayse Zeynep Elif Gülistan/Guelistan Rojda/Rodschda Dilan Fatma Berivan/Beriwan"
    ),
    "tigrinya": _read_names(
        "Selam/Sälam Winta Feven/Fewen Helen Saba/Sabah Luwam/Luam Rahel/Rachel Merhawit/Merhawi"
    ),
    "ukrainian": _read_names(
        "Olena/Elena Iryna/Irina Natalia/Natalija Svitlana/Switlana Oksana/Oxana "
        "Yuliia/Julija/Yulia Tetiana/Tetjana"
    ),
    "west_african": _read_names(
        "Fatou/Fatu Awa/Hawa Mariama/Mariame Isatou/Aissatou Binta/Bintou Ngozi/Ngosi Chioma"
    ),
    "somali": _read_names(
        "Ayan/Ayaan Hodan/Xodan Sahra/Zahra Amina/Aamina Ifrah/Ifrax Fadumo/Faduma"
    ),
}
